// A receiver as simple-hl7's documentation has it: the acknowledgement is the library's.
const hl7 = require("simple-hl7");

const app = hl7.tcp();
app.use((request, response, next) => next());
app.use((request, response) => response.end());
app.use((error, request, response, next) => {
  response.ack.getSegment("MSA").setField(1, "AR");
  response.ack.addSegment("ERR", error.message);
  response.end();
});
app.start(Number(process.argv[2]));
