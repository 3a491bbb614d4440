// POST /v1/token: client credentials (RFC 6749 §4.4) against an access token of fifteen minutes.
import { Type } from '@sinclair/typebox'
import { object } from '../../../edi-maps/canonical/values.js'
import type { TokenIssuer } from '../../security/token-issuer.js'
import { Problem } from '../problem.js'
import { route, type Route } from '../route.js'

const Token = object({
  access_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds.' }),
  scope: Type.String({ description: 'Separated by spaces.' }),
})

export const tokenRoutes = (issuer: TokenIssuer): Route[] => [
  route({
    method: 'post',
    path: '/v1/token',
    summary: 'Exchange an API key, or a JWT signed with a registered key, for an access token',
    scope: 'any',
    answers: { 200: { text: 'The token.', schema: Token } },
    handle: async ({ caller }) => {
      if (caller.by === 'access token') {
        // Otherwise a stolen token could renew itself for ever.
        throw new Problem(
          403,
          'forbidden',
          'an access token gets no further token; use the API key',
        )
      }
      const { token, expiresIn } = await issuer.issue(caller.client, caller.kid)
      const body = {
        access_token: token,
        token_type: 'Bearer',
        expires_in: expiresIn,
        scope: [...caller.scopes].join(' '),
      }
      return { status: 200, body }
    },
  }),
]
