// Sends the messages of a folder with node-hl7-client and prints each answer's MSA.
const fs = require("fs");
const path = require("path");
const { Client, Message } = require("node-hl7-client");

const [port, folder] = process.argv.slice(2);
const files = fs.readdirSync(folder).sort();
let wanted = files.length;
const connection = new Client({ host: "127.0.0.1" }).createConnection({ port: Number(port) }, (response) => {
  const message = response.getMessage();
  console.log(message.get("MSA.1").toString(), message.get("MSA.2").toString());
  wanted -= 1;
  if (wanted === 0) process.exit(0);
  send();
});

async function send() {
  const text = fs.readFileSync(path.join(folder, files.shift()), "utf8");
  await connection.sendMessage(new Message({ text }));
}
connection.on("connect", () => send());
