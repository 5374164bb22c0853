"""moto on a free port of this machine, which is printed; ends when standard input closes.

A line on standard input stores many parameters at once, which takes too long over HTTP; it is answered by a line.
"""

import json
import os
import sys

from moto.backends import get_backend
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
for line in sys.stdin:
    many = json.loads(line)
    backend = get_backend("ssm")[many["account"]][many["region"]]
    for name in many["names"]:
        backend.put_parameter(
            name, None, many["value"], "SecureString", None, None, False, None, "text", tier=None, policies=None
        )
    print(len(many["names"]), flush=True)
os._exit(0)
