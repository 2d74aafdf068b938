// Runs `oauth2-mock-server`: nobody is asked anything, its issuer ends in a slash, it knows no way for a client to
// authenticate but `none`, and access tokens are JWTs, for nobody in particular unless told.
//
// node oauth2-mock-server.mjs '{"port": …, …}', see `Options`.
import { OAuth2Server } from 'oauth2-mock-server';

/**
 * @typedef {object} Options
 * @property {number} port where to listen, on 127.0.0.1
 * @property {string} [audience] of access tokens, which then carry rights as well
 */

/** @type {Options} */
const options = JSON.parse(process.argv[2] ?? '');

const server = new OAuth2Server(undefined, undefined, { shouldIssuerUrlBeSuffixedWithATralingSlash: true });
server.issuer.url = `http://127.0.0.1:${options.port}`;
await server.issuer.keys.generate('RS256');

server.service.on('beforeTokenSigning', ({ payload }) => {
  const isAccessToken = 'scope' in payload;
  if (isAccessToken && options.audience !== undefined) {
    Object.assign(payload, { aud: options.audience, roles: ['writer'], permissions: ['workspace_data:write'] });
  }
});
server.service.on('beforeUserinfo', (answer) => {
  answer.body = {
    sub: 'johndoe',
    name: 'John Doe',
    email: 'john@acme.example',
    roles: ['reader'],
    permissions: ['workspace_data:read'],
  };
});

await server.start(options.port, '127.0.0.1');
