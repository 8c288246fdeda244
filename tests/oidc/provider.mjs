// A real OpenID provider (oidc-provider, certified) for tests/test_oidc.py: its own sign-in form takes any name and password.
import Provider from "oidc-provider";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, DASHBOARD } = process.env;
const provider = new Provider(ISSUER, {
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [`${DASHBOARD}/sign-in/callback`],
      post_logout_redirect_uris: [`${DASHBOARD}/sign-in`],
    },
  ],
  claims: { openid: ["sub"], profile: ["preferred_username"] },
  // The name is not in the ID token, as OpenID Connect Core 5.4 has it by default.
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  pkce: { required: () => true, methods: ["S256"] },
  cookies: { keys: ["of the tests"] },
});
const { hostname, port } = new URL(ISSUER);
provider.listen(Number(port), hostname, () => console.log("listening"));
