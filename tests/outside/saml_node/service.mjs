// A service by node-saml: reads a request as JSON from each line, and answers with a line of JSON.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { SAML, ValidateInResponseTo } from "@node-saml/node-saml";

let saml;

const acts = {
  configure({ key, certificate, ...told }) {
    const pem = readFileSync(key, "utf8");
    saml = new SAML({
      privateKey: pem,
      publicCert: readFileSync(certificate, "utf8"),
      decryptionPvk: pem,
      signatureAlgorithm: "sha256",
      digestAlgorithm: "sha256",
      acceptedClockSkewMs: 0,
      validateInResponseTo: ValidateInResponseTo.ifPresent,
      disableRequestedAuthnContext: true,
      ...told,
    });
    return {};
  },
  async address({ relay_state }) {
    return { address: await saml.getAuthorizeUrlAsync(relay_state, undefined, {}) };
  },
  async form({ relay_state }) {
    return { form: await saml.getAuthorizeFormAsync(relay_state) };
  },
  async response({ response }) {
    const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: response });
    const { issuer, nameID, nameIDFormat, sessionIndex, inResponseTo, attributes } = profile;
    return { issuer, nameID, nameIDFormat, sessionIndex, inResponseTo, attributes };
  },
  async logout({ person, relay_state }) {
    return { address: await saml.getLogoutUrlAsync(person, relay_state, {}) };
  },
  async redirected({ query }) {
    const container = Object.fromEntries(new URLSearchParams(query));
    const { loggedOut } = await saml.validateRedirectAsync(container, query);
    return { loggedOut };
  },
  async posted({ response }) {
    const { loggedOut } = await saml.validatePostResponseAsync({ SAMLResponse: response });
    return { loggedOut };
  },
  metadata({ certificate }) {
    const pem = readFileSync(certificate, "utf8");
    return { metadata: saml.generateServiceProviderMetadata(pem, pem) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { act, ...told } = JSON.parse(line);
  let answer;
  try {
    answer = await acts[act](told);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
