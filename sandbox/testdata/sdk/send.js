// Sends with the provider's own SDK, to the base address in the first argument, and prints what it made of
// each answer: a line of JSON for each.
const base = process.argv[2] + "/version1";
const sdk = require("africastalking");
const common = require("africastalking/lib/common");

const client = (apiKey) => {
  const made = sdk({ username: "sandbox", apiKey }); // which sets the addresses of the provider's sandbox
  common.SMS_URL = base + "/messaging"; // read anew for each message
  return made;
};
const show = (promise) =>
  promise.then(
    (got) => console.log(JSON.stringify({ got })),
    (e) => console.log(JSON.stringify({ refused: e.response?.status ?? String(e), words: e.response?.data })),
  );

(async () => {
  const right = client("right");
  await show(right.SMS.send({ to: "+254711000001", message: "one", from: "38496" }));
  await show(right.SMS.send({ to: ["+254711000001", "+254722000001"], message: "several", enqueue: true }));
  await show(client("wrong").SMS.send({ to: "+254711000001", message: "none" }));
})();
