/* Loads the page anew when the program behind it has changed. A hidden page holds no connection. */
(function () {
    "use strict";
    var number = document.currentScript.src.split("?")[1];
    var source = null;
    function listen() {
        if (document.hidden || source) {
            return;
        }
        source = new EventSource("/__clef__/live");
        source.onmessage = function (event) {
            if (event.data !== number) {
                source.close();
                location.reload();
            }
        };
    }
    document.addEventListener("visibilitychange", function () {
        if (document.hidden && source) {
            source.close();
            source = null;
        }
        listen();
    });
    listen();
})();
