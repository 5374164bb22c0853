"""ministack on a free port of this machine, which is printed; ends when standard input closes."""

import os
import socket
import sys
import threading

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
os.environ.update(BIND_HOST="127.0.0.1", GATEWAY_PORT=str(port), LOG_LEVEL="ERROR")


def end_with_standard_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_standard_input, daemon=True).start()
print(port, flush=True)
sys.stdout = sys.stderr
sys.argv = ["ministack"]

from ministack.app import main  # noqa: E402  (it reads the environment when it is imported)

main()
