import { ImapClient } from "mailwire";
import { connectTcp } from "mailwire/node";
export = async () => ImapClient.connect(connectTcp({ host: "x", port: 143 }));
