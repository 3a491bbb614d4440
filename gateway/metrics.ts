// What the gateway tells Prometheus. Steps count through `Meter` by name; this file says what each name means. Labels
// are bounded: configured ids and closed lists, never something a partner sends.
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import type { Labels, Meter } from './meter.js'
import type { StoreFigures } from './store/figures.js'

interface Described {
  help: string
  labels?: readonly string[]
}

/** Everything that is counted (`_total`) or observed (`_seconds`); a test finds names that are used and not here. */
const METERED: Readonly<Record<string, Described>> = {
  gateway_messages_received_total: {
    help: 'Payloads taken by a channel and stored',
    labels: ['channel', 'state'],
  },
  gateway_duplicates_total: {
    help: 'Payloads, interchanges and messages that were there already',
    labels: ['where'],
  },
  gateway_as2_rejected_total: {
    help: 'AS2 messages of known partners that were not accepted, by the reason told',
    labels: ['reason'],
  },
  gateway_as2_sent_total: {
    help: 'AS2 messages of ours that ended, by state',
    labels: ['state'],
  },
  gateway_jobs_total: { help: 'Jobs that ended, by outcome', labels: ['kind', 'outcome'] },
  gateway_batch_seconds: { help: 'Time to commit the results of a batch of jobs' },
  gateway_fence_rejections_total: {
    help: 'Lanes that had been taken over before their work was committed',
    labels: ['kind'],
  },
  gateway_lanes_recovered_total: {
    help: 'Lanes taken over from a worker that died',
    labels: ['kind'],
  },
  gateway_odoo_call_seconds: { help: 'Answer time of Odoo', labels: ['target'] },
  gateway_http_request_duration_seconds: {
    help: 'Answered HTTP requests',
    labels: ['route', 'status'],
  },
  gateway_auth_failures_total: {
    help: 'Requests with a credential that was not accepted',
    labels: ['reason'],
  },
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

export interface Metrics {
  meter: Meter
  /** The page in Prometheus' text format, with its content type. */
  page(): Promise<{ contentType: string; text: string }>
}

/** All metrics of one process; `figures` fills what is counted by asking the store at each scrape. */
export function createMetrics(figures: () => Promise<StoreFigures>): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counters = new Map<string, Counter>()
  const histograms = new Map<string, Histogram>()

  /** Of a name that is not described (a plug-in's), the first use decides the labels. */
  const configuration = (name: string, labels: Labels) => ({
    name,
    help: METERED[name]?.help ?? name,
    labelNames: [...(METERED[name]?.labels ?? Object.keys(labels))],
    registers: [registry],
  })
  const meter: Meter = {
    count: (name, labels = {}, by = 1) => {
      let counter = counters.get(name)
      if (counter === undefined) {
        counter = new Counter(configuration(name, labels))
        counters.set(name, counter)
      }
      counter.inc(labels, by)
    },
    observe: (name, value, labels = {}) => {
      let histogram = histograms.get(name)
      if (histogram === undefined) {
        histogram = new Histogram({ ...configuration(name, labels), buckets: SECONDS })
        histograms.set(name, histogram)
      }
      histogram.observe(labels, value)
    },
  }

  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] })
  const jobs = gauge('gateway_jobs_ready', 'Jobs that wait', ['kind'])
  const oldest = gauge('gateway_oldest_ready_job_age_seconds', 'Age of the oldest job that waits', [
    'kind',
  ])
  const lanes = gauge('gateway_lanes_ready', 'Lanes with work that may start now')
  const dead = gauge('gateway_dead_letters', 'Messages that wait for a person', ['owner', 'state'])
  const overdue = gauge('gateway_acks_overdue', 'Acknowledgements that did not come in time', [
    'partner',
  ])
  const waiting = gauge('gateway_interchanges_waiting', 'Interchanges that wait for a person', [
    'state',
  ])
  const alerts = gauge('gateway_alerts_open', 'Open alerts', ['kind'])
  const up = gauge('gateway_store_up', 'Whether the store answered this scrape')

  const fill = async () => {
    for (const one of [jobs, oldest, dead, overdue, waiting, alerts]) one.reset()
    try {
      const now = await figures()
      for (const { kind, count, oldestSeconds } of now.jobs) {
        jobs.set({ kind }, count)
        oldest.set({ kind }, oldestSeconds)
      }
      lanes.set(now.lanesReady)
      for (const { owner, state, count } of now.attention) dead.inc({ owner, state }, count)
      for (const { partner, count } of now.overdue) overdue.set({ partner }, count)
      for (const { state, count } of now.waiting) waiting.set({ state }, count)
      for (const { kind, count } of now.alerts) alerts.set({ kind }, count)
      up.set(1)
    } catch {
      up.set(0) // the page is most wanted when the store is away
    }
  }
  return {
    meter,
    page: async () => {
      await fill()
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}
