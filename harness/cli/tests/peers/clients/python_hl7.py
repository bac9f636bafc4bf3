"""Sends the messages of a folder with python-hl7's client, on one connection, and prints each answer's MSA."""

import pathlib
import sys

import hl7
from hl7.client import MLLPClient

with MLLPClient("127.0.0.1", int(sys.argv[1])) as client:
    for path in sorted(pathlib.Path(sys.argv[2]).iterdir()):
        answer = client.send_message(path.read_bytes())
        msa = hl7.parse(answer.strip(b"\x0b\x1c\r").decode()).segment("MSA")
        print(msa[1], msa[2])
