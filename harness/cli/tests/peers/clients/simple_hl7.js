// Sends the messages of a folder with simple-hl7's client and prints each answer's MSA.
const fs = require("fs");
const path = require("path");
const hl7 = require("simple-hl7");

const [port, folder] = process.argv.slice(2);
const client = hl7.Server.createTcpClient("127.0.0.1", Number(port));
const parser = new hl7.Parser();
const files = fs.readdirSync(folder).sort();

function next() {
  const file = files.shift();
  if (!file) process.exit(0);
  const message = parser.parse(fs.readFileSync(path.join(folder, file), "utf8"));
  client.send(message, (error, answer) => {
    if (error) throw error;
    const msa = answer.getSegment("MSA");
    console.log(msa.getField(1), msa.getField(2));
    setImmediate(next);
  });
}
next();
