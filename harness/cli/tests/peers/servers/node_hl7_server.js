// A receiver as node-hl7-server's documentation has it: every message is accepted with the library's acknowledgement.
const { Server } = require("node-hl7-server");

const server = new Server({ bindAddress: "127.0.0.1" });
server.createInbound({ port: Number(process.argv[2]) }, async (request, response) => {
  await response.sendResponse("AA");
});
