// Runs `oidc-provider`, which is certified by the OpenID Foundation, as strict as it can be: its issuer has a path, every
// endpoint a path of its own, rights a scope and claims of their own, and the client must use HTTP Basic and PKCE.
//
// node oidc-provider.mjs '{"issuer": …, …}', see `Options`. Sign in there as `ada`, with any password.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

/**
 * @typedef {object} Options
 * @property {string} issuer `http://127.0.0.1:PORT/PATH`, perhaps with a slash at its end
 * @property {string} clientId of the only client
 * @property {string} clientSecret
 * @property {string} redirectUri
 * @property {string} postLogoutRedirectUri
 * @property {'RS256' | 'ES256'} alg signs everything
 * @property {'opaque' | 'jwt'} accessTokens as JWTs they carry the rights; otherwise only UserInfo knows them
 * @property {boolean} requirePushedRequests refuse parameters that the browser brings (RFC 9126 §5)
 * @property {boolean} logout whether there is an `end_session_endpoint`
 */

/** @type {Options} */
const options = JSON.parse(process.argv[2] ?? '');
const { port, pathname } = new URL(options.issuer);
const mount = pathname.replace(/\/$/, '');

const ada = {
  sub: 'ada',
  name: 'Ada Admin',
  given_name: 'Ada',
  family_name: 'Admin',
  email: 'ada@acme.example',
  email_verified: true,
};
const rights = {
  realm_access: { roles: ['admin', 'auditor'] },
  app_permissions: ['organization:settings', 'members:manage'],
};

const { privateKey } =
  options.alg === 'RS256'
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });

const provider = new Provider(options.issuer, {
  clients: [
    {
      client_id: options.clientId,
      client_secret: options.clientSecret,
      redirect_uris: [options.redirectUri],
      post_logout_redirect_uris: [options.postLogoutRedirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: options.alg,
    },
  ],
  clientAuthMethods: ['client_secret_basic'],
  pkce: { required: () => true },
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: options.alg, use: 'sig', kid: 'the-only-key' }] },
  enabledJWA: { idTokenSigningAlgValues: [options.alg] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  routes: {
    authorization: '/authorize-here',
    end_session: '/leave',
    jwks: '/signing-keys',
    pushed_authorization_request: '/push',
    token: '/exchange',
    userinfo: '/who',
  },
  findAccount: (_, sub) => (sub === ada.sub ? { accountId: sub, claims: () => ({ ...ada, ...rights }) } : undefined),
  scopes: ['openid', 'offline_access', 'rights'],
  claims: {
    openid: ['sub'],
    profile: ['name', 'given_name', 'family_name'],
    email: ['email', 'email_verified'],
    rights: Object.keys(rights),
  },
  extraTokenClaims: () => rights,
  rotateRefreshToken: true,
  features: {
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: options.requirePushedRequests },
    rpInitiatedLogout: { enabled: options.logout },
    // Its access tokens are JWTs only where they are meant for an API. UserInfo does not take those.
    resourceIndicators: {
      enabled: options.accessTokens === 'jwt',
      defaultResource: () => 'https://api.acme.example',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: '',
        audience: options.clientId,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 300,
        jwt: { sign: { alg: options.alg } },
      }),
    },
  },
});
// Otherwise it keeps to itself what went wrong.
provider.on('server_error', (_, error) => console.error(error));

const answer = provider.callback();
createServer((request, response) => {
  const url = request.url ?? '';
  if (!url.startsWith(`${mount}/`)) {
    response.writeHead(404).end();
    return;
  }
  // As every framework does that mounts a handler under a path; it reads both.
  void answer(Object.assign(request, { originalUrl: url, url: url.slice(mount.length) }), response);
}).listen(Number(port), '127.0.0.1');
