"""browser: a headless Chromium, driven by chromedriver over the WebDriver protocol (W3C) with the standard library only.

    with Browser() as page:
        page.go("http://127.0.0.1:8000/")
        page.find("a[href='/new/']").click()
        page.wait_text("h1", "New ticket")
"""
import json, os, shutil, subprocess, tempfile, time, urllib.error, urllib.request

from serving import PATIENCE, free_port, wait_for

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what the protocol calls a reference


class DriverError(Exception):
    pass


def missing():
    """Which of the two programs is not installed; None."""
    for program in ("chromium", "chromedriver"):
        if not shutil.which(program):
            return program
    return None


class Element:
    def __init__(self, page, reference):
        self.page, self.reference = page, reference

    def ask(self, method, what, body=None):
        return self.page.session(method, f"/element/{self.reference}{what}", body)

    def click(self):
        self.ask("POST", "/click", {})
        return self

    def type(self, text):
        self.ask("POST", "/clear", {})
        self.ask("POST", "/value", {"text": text})
        return self

    def keys(self, text):
        self.ask("POST", "/value", {"text": text})
        return self

    def choose(self, value):
        """The option of a select with that value."""
        self.page.find(f"#{self.attribute('id')} option[value='{value}']").click()
        return self

    @property
    def text(self):
        return self.ask("GET", "/text")

    def attribute(self, name):
        return self.ask("GET", f"/attribute/{name}")

    def value(self):
        return self.ask("GET", "/property/value")


class Browser:
    def __init__(self, width=1200, height=900):
        self.folder = tempfile.mkdtemp(prefix="clef-browser-")
        self.port = free_port()
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.driver = subprocess.Popen(["chromedriver", f"--port={self.port}"], stdout=self.log, stderr=self.log,
                                       stdin=subprocess.DEVNULL, cwd=self.folder)
        self.id = None
        try:
            wait_for("chromedriver answers", self.ready)
            options = {"binary": shutil.which("chromium"),
                       "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                                "--disable-extensions", "--disable-background-networking",
                                f"--user-data-dir={self.folder}/profile", f"--window-size={width},{height}"]}
            begun = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
            self.id = begun["sessionId"]
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        if self.id:
            try:
                self.call("DELETE", f"/session/{self.id}")
            except (OSError, DriverError):
                pass
        self.driver.terminate()
        try:
            self.driver.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as e:
            value = json.load(e)["value"]
            raise DriverError(f"{value['error']}: {value['message'].splitlines()[0]}") from None

    def ready(self):
        try:
            return self.call("GET", "/status")["ready"]
        except OSError:
            return False

    def session(self, method, what, body=None):
        return self.call(method, f"/session/{self.id}{what}", body)

    def go(self, url):
        self.session("POST", "/url", {"url": url})

    @property
    def url(self):
        return self.session("GET", "/url")

    @property
    def title(self):
        return self.session("GET", "/title")

    def source(self):
        return self.session("GET", "/source")

    def all(self, selector):
        found = self.session("POST", "/elements", {"using": "css selector", "value": selector})
        return [Element(self, one[ELEMENT]) for one in found]

    def find(self, selector):
        found = self.all(selector)
        if not found:
            raise AssertionError(f"no {selector} on {self.url}:\n{self.source()[:2000]}")
        return found[0]

    def script(self, text, *arguments):
        return self.session("POST", "/execute/sync", {"script": text, "args": list(arguments)})

    def text(self, selector="body"):
        """Without waiting, and None while there is no such element: for pages that are being replaced."""
        return self.script("const e = document.querySelector(arguments[0]); return e && e.innerText", selector)

    def wait_text(self, selector, part, seconds=PATIENCE):
        def there():
            try:
                return part in (self.text(selector) or "")
            except DriverError:  # the page is going away
                return False
        try:
            wait_for(f"{part!r} in {selector}", there, seconds)
        except AssertionError as e:
            raise AssertionError(f"{e}; there is {self.text(selector)!r}") from None

    def resize(self, width, height):
        self.session("POST", "/window/rect", {"width": width, "height": height})

    def devtools(self, command, **parameters):
        return self.session("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def colour_scheme(self, name):
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def screenshot(self, path):
        import base64
        with open(path, "wb") as f:
            f.write(base64.b64decode(self.session("GET", "/screenshot")))
