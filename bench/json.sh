#!/bin/sh
# json: see json_response.py (a file json.py here would hide the module of that name from the others).
exec python3 "$(dirname "$0")/json_response.py"
