// Signing in as people do: by mail without script, and with a passkey on a device of one's own.
import assert from "node:assert/strict";
import { back, base, letter, signIn, visit, widths } from "./browser.mjs";

for (const width of widths) {
  visit(`someone signs in by a letter, without script, at ${width} pixels`, { width, script: false }, async (page) => {
    await page.goto("/");
    await page.click("text=Sign in");
    await page.fill("#email", "jo@demo.example");
    await page.click("main button");
    assert.equal(await page.textContent("h1"), "Look at your mail");
    const { links } = await letter(page, "jo@demo.example", "Your link to sign in");
    await page.goto(links.find((link) => link.startsWith("/sign-in/link/")));
    await page.click("main button");
    assert.ok(await page.isVisible("text=Sign out"));
    await page.click("text=Sign out >> nth=0");
    assert.ok(await page.isVisible("text=Sign in"));
  });
}

visit("a passkey signs in, and is refused once it was taken away", {}, async (page) => {
  // Passkeys need a name, which a bare IP address isn't.
  const named = base.replace("127.0.0.1", "localhost");
  // Someone whom no other test signs in as, since this one signs them out.
  await signIn(page.context(), "Bridge builder (Imran Sethi)");
  const cookies = (await page.context().cookies()).map((cookie) => ({ ...cookie, domain: "localhost" }));
  await page.context().addCookies(cookies);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true };
  await devtools.send("WebAuthn.addVirtualAuthenticator", { options: { ...options, automaticPresenceSimulation: true } });

  await page.goto(`${named}/account`);
  await page.fill("#passkey-name", "My laptop");
  await page.click("text=Add a passkey");
  await page.waitForURL("**/account?done=passkey-added");
  assert.ok(await page.isVisible("text=My laptop"));
  await page.click("text=Sign out >> nth=0");
  await page.goto(`${named}/sign-in/password`);
  await page.click("text=Sign in with your passkey");
  await page.waitForURL("**/desk");
  await page.goto(`${named}/account`);
  await page.click("text=Take it away");
  assert.equal(await page.locator("text=My laptop").count(), 0);
  // They are told each time, in case it wasn't them.
  await page.goto("/demo/post");
  const told = page.locator(".post__letter", { hasText: "A change to your account" }).filter({ hasText: "imran@demo.example" });
  assert.equal(await told.count(), 2);
});

visit("back shows nothing of one's own after signing out", {}, async (page) => {
  // Someone whom no other test signs in as, since this one signs them out.
  await signIn(page.context(), "Commissioner (Corin Hale)");
  await page.goto("/account");
  assert.equal(await page.textContent("h1"), "Your account");
  await page.click("text=Sign out >> nth=0");
  await back(page, `${base}/`);
  assert.equal(await page.textContent("h1"), "Sign in");
});
