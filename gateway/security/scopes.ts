// What a machine client may do. Closed list: a word not in it is refused when a client is made.

export const SCOPES = {
  'interchanges:write': 'hand in interchanges',
  'interchanges:read': 'find interchanges and fetch their bytes and acknowledgements',
  'mailbox:fetch': 'fetch what waits for the partner it speaks for',
  'messages:write': 'hand in canonical messages to be sent, and check them',
  'messages:read': 'find messages and see everything about them',
  'messages:operate': 'replay, retransmit and send again',
  'agreements:read': 'see agreements',
  'agreements:write': 'add and activate agreements',
  'channels:manage': 'set up SFTP accounts and connections, with their keys and passwords',
  'connections:manage': 'bind a connection to the Odoo database that answers there now',
  'clients:manage': 'make and revoke machine clients and their keys',
  'metrics:read': 'read /metrics from another host',
} as const

export type Scope = keyof typeof SCOPES
export const ALL_SCOPES = Object.keys(SCOPES) as readonly Scope[]
