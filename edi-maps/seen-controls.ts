// Control numbers that were seen, of which a group may have a million. Mostly they count up: such a run takes no memory.

interface Run {
  /** Digits, leading zeros included. */
  readonly width: number
  readonly from: number
  to: number
}

const NUMBER = /^\d{1,15}$/
/** Numbers in no order begin a run each; so many are looked through. */
const MOST_RUNS = 16

export class SeenControls {
  private readonly runs: Run[] = []
  private readonly others = new Set<string>()

  has(control: string): boolean {
    const value = valueOf(control)
    for (const { width, from, to } of this.runs)
      if (width === control.length && value >= from && value <= to) return true
    return this.others.has(control)
  }

  add(control: string): void {
    const value = valueOf(control)
    const last = this.runs.at(-1)
    if (last?.width === control.length && value === last.to + 1) last.to = value
    else if (value >= 0 && this.runs.length < MOST_RUNS)
      this.runs.push({ width: control.length, from: value, to: value })
    else this.others.add(control)
  }
}

/** -1: no number. */
const valueOf = (control: string): number => (NUMBER.test(control) ? Number(control) : -1)
