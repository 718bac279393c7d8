// Passkeys: asks this device to make one, or to answer with one. Only pages that offer them have the buttons.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0)).buffer;
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** Shows the buttons where this browser knows passkeys. */
export function offerPasskeys() {
  if (!window.PublicKeyCredential) return;
  for (const part of document.querySelectorAll("[data-passkey]")) {
    part.hidden = false;
    const act = part.dataset.passkey === "add" ? add : signIn;
    part.querySelector("button").addEventListener("click", () => attempt(part, act));
  }
}

async function attempt(part, act) {
  const [button, said] = [part.querySelector("button"), part.querySelector("[data-passkey-said]")];
  button.disabled = true;
  said.textContent = "";
  try {
    await act(part);
  } catch {
    said.textContent = "That didn’t work. You can try again.";
  }
  button.disabled = false;
}

async function ask(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  // Sent on to another page: who it is must be proved once more.
  if (answer.redirected) {
    location.href = "/sign-in/again?to=/account";
    return new Promise(() => {});
  }
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.status === 204 ? null : answer.json();
}

async function add(part) {
  const { round, options } = await ask("/account/passkeys/begin", {});
  const { publicKey } = options;
  publicKey.challenge = bytes(publicKey.challenge);
  publicKey.user.id = bytes(publicKey.user.id);
  for (const known of publicKey.excludeCredentials ?? []) known.id = bytes(known.id);
  const made = await navigator.credentials.create({ publicKey });
  const { attestationObject, clientDataJSON } = made.response;
  const response = { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) };
  const name = part.querySelector("input")?.value ?? "";
  await ask("/account/passkeys", { round, name, credential: plain(made, response) });
  location.href = "/account?done=passkey-added";
}

async function signIn(part) {
  const { round, options } = await ask("/sign-in/passkey/begin", {});
  const { publicKey } = options;
  publicKey.challenge = bytes(publicKey.challenge);
  for (const known of publicKey.allowCredentials ?? []) known.id = bytes(known.id);
  const got = await navigator.credentials.get({ publicKey });
  const { authenticatorData, clientDataJSON, signature, userHandle } = got.response;
  const response = {
    authenticatorData: text(authenticatorData),
    clientDataJSON: text(clientDataJSON),
    signature: text(signature),
    userHandle: userHandle ? text(userHandle) : null,
  };
  const { to } = await ask("/sign-in/passkey", { round, to: part.dataset.to ?? "", credential: plain(got, response) });
  location.href = to;
}

function plain(credential, response) {
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, extensions: {}, response };
}
