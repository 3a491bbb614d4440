// A partner and the station of ours it talks to, with everything a message needs: settings, pinned certificates, keys.
import type { KeyObject } from 'node:crypto'
import type { Pin } from './keys/pins.js'
import type { PartnerSecrets, PartnerSettings } from './settings.js'

/** A key of ours. */
export interface OwnKey extends Pin {
  readonly privateKey: KeyObject
}

export interface Partner {
  /** Channel identity. */
  readonly id: string
  /** AS2 name of the partner. */
  readonly name: string
  /** AS2 name of ours that it talks to. */
  readonly station: string
  readonly settings: PartnerSettings
  readonly secrets: PartnerSecrets
  readonly active: boolean
  readonly pins: readonly Pin[]
  readonly keys: readonly OwnKey[]
}
