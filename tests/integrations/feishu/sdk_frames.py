"""A program: frames in hex, one per line, read and written again by the platform's own library.

Prints for each line what it read, as JSON, with the bytes it would write. Only the library's protobuf part is loaded;
its package would bring along everything else.
"""

import importlib.util
import json
import sys
import types
from pathlib import Path


def _without_running(name: str, folder: Path) -> None:
    """A package whose ``__init__`` is left out."""
    package = types.ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package


def main() -> None:
    found = importlib.util.find_spec("lark_oapi")
    assert found is not None and found.origin is not None
    folder = Path(found.origin).parent
    _without_running("lark_oapi", folder)
    _without_running("lark_oapi.ws", folder / "ws")
    from lark_oapi.ws.pb.pbbp2_pb2 import Frame

    for line in sys.stdin:
        frame = Frame()
        frame.ParseFromString(bytes.fromhex(line))
        read = {
            "method": frame.method,
            "headers": {header.key: header.value for header in frame.headers},
            "payload": frame.payload.hex(),
            "service": frame.service,
            "seq_id": frame.SeqID,
            "log_id": frame.LogID,
            "payload_encoding": frame.payload_encoding,
            "payload_type": frame.payload_type,
            "log_id_new": frame.LogIDNew,
        }
        sys.stdout.write(json.dumps({"read": read, "written": frame.SerializeToString().hex()}) + "\n")


if __name__ == "__main__":
    main()
