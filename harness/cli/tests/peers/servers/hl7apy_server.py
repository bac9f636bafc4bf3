"""A receiver with hl7apy's MLLPServer: a handler for registrations, and one for what is none."""

import sys

from hl7apy.core import Message
from hl7apy.mllp import AbstractErrorHandler, AbstractHandler, MLLPServer
from hl7apy.parser import parse_message


class Registration(AbstractHandler):
    def reply(self):
        request = parse_message(self.incoming_message, find_groups=False)
        ack = Message("ACK", version="2.5")
        ack.msh.msh_3 = request.msh.msh_5
        ack.msh.msh_5 = request.msh.msh_3
        ack.msh.msh_9 = "ACK^A04^ACK"
        ack.msh.msh_11 = "P"
        ack.msa.msa_1 = "AA"
        ack.msa.msa_2 = request.msh.msh_10
        return ack.to_mllp()


class Fault(AbstractErrorHandler):
    def reply(self):
        ack = Message("ACK", version="2.5")
        ack.msh.msh_9 = "ACK"
        ack.msh.msh_11 = "P"
        ack.msa.msa_1 = "AR"
        ack.msa.msa_2 = "unknown"
        return ack.to_mllp()


MLLPServer(
    "127.0.0.1", int(sys.argv[1]), {"ADT^A04^ADT_A01": (Registration,), "ERR": (Fault,)}
).serve_forever()
