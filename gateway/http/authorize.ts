// Lets a request in or answers 401, 403 or 429.
import type { Meter } from '../meter.js'
import { allows, type Authenticator, type Caller } from '../security/authenticate.js'
import type { Scope } from '../security/scopes.js'
import type { Exchange } from './exchange.js'
import { Problem, retryAfter } from './problem.js'

/** The caller, who has `scope` (`any`: whoever has proved himself). Throws a Problem. */
export async function authorize(
  exchange: Exchange,
  scope: Scope | 'any',
  tools: { authenticator: Authenticator; meter: Meter },
): Promise<Caller> {
  const { request, origin } = exchange
  const { authorization } = request.headers
  const basic = scope === 'any' // the token endpoint
  const result = await tools.authenticator.authenticate(authorization, origin, basic)
  if (result.state === 'locked') {
    tools.meter.count('gateway_auth_failures_total', { reason: 'locked' })
    throw new Problem(429, 'too_many_requests', 'too many attempts with wrong credentials', {
      headers: retryAfter(result.afterMs),
    })
  }
  if (result.state === 'refused') {
    tools.meter.count('gateway_auth_failures_total', { reason: result.reason })
    const error = result.reason === 'missing' ? '' : ', error="invalid_token"'
    throw new Problem(401, 'unauthorized', result.text, {
      headers: { 'WWW-Authenticate': `Bearer realm="edigw"${error}` },
    })
  }
  exchange.client = result.caller.client
  if (scope !== 'any' && !allows(result.caller, scope)) {
    throw new Problem(403, 'forbidden', `${result.caller.client} has not the scope ${scope}`)
  }
  return result.caller
}
