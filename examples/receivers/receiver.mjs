// Receiver of messages from zhaoren (Standard Webhooks), for Node 18 and newer, without packages.
//
//     node receiver.mjs SECRET_FILE [PORT]
//
// Prints a line for each message. To be adapted: `handle`, and a store for `seen` that survives a restart.

import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const TOLERANCE = 300; // seconds
const MAX_BODY = 64 * 1024;

const secret = Buffer.from(
  readFileSync(process.argv[2], "utf8").split("\n")[0].trim().replace(/^whsec_/, ""),
  "base64",
);
const seen = new Set();

function isSound(headers, body) {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  if (!id || !/^\d+$/.test(timestamp)) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE) return false;
  const mac = createHmac("sha256", secret).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const own = Buffer.from(`v1,${mac}`);
  return (headers["webhook-signature"] ?? "")
    .split(" ")
    .map((one) => Buffer.from(one))
    .some((one) => one.length === own.length && timingSafeEqual(one, own));
}

// What the portal does with a message: here, a line. A merged one (`notice`) has several items, each with an id.
function handle({ type, data }) {
  for (const item of data.items ?? [{ ...data, type }]) {
    console.log(item.type, data.enterprise, item.item, item.title ?? "");
  }
}

const server = createServer((request, response) => {
  const parts = [];
  let length = 0;
  request.on("data", (part) => {
    length += part.length;
    if (length <= MAX_BODY) parts.push(part);
  });
  request.on("end", () => {
    const body = Buffer.concat(parts);
    let status = 204;
    if (request.method !== "POST") status = 405;
    else if (length > MAX_BODY) status = 413;
    else if (!isSound(request.headers, body)) status = 401;
    // The same message may arrive more than once, always with the same id.
    else if (!seen.has(request.headers["webhook-id"])) {
      handle(JSON.parse(body.toString("utf8")));
      seen.add(request.headers["webhook-id"]);
    }
    response.writeHead(status, { "content-length": "0" }).end();
  });
});
server.listen(Number(process.argv[3] ?? 8099), "127.0.0.1", () => {
  console.log("listening", server.address().port);
});
