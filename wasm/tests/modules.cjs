// CommonJS and ES modules share one instance.
const assert = require("node:assert/strict");
const mailwire = require("mailwire");
const { connectTls } = require("mailwire/node");

const connection = new mailwire.ImapConnection();
connection.receiveData(Buffer.from("* OK hello\r\n"));
assert.equal(connection.nextEvent().text, "hello");
connection.free();
(async () => {
  assert.equal((await import("mailwire")).ImapClient, mailwire.ImapClient);
  assert.equal((await import("mailwire/node")).connectTls, connectTls);
  assert.equal(mailwire.version(), require("mailwire/package.json").version);
  await mailwire.init();
})();
