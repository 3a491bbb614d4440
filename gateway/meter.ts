// Where steps count and measure. Names and labels are those of the metrics page; wiring decides what becomes of them.

export type Labels = Readonly<Record<string, string>>

export interface Meter {
  /** Adds to a counter whose name ends in `_total`. */
  count(name: string, labels?: Labels, by?: number): void
  /** One observation of a histogram, in seconds or the unit the name ends in. */
  observe(name: string, value: number, labels?: Labels): void
}

/** Measures nothing. */
export const silentMeter: Meter = { count: () => undefined, observe: () => undefined }
