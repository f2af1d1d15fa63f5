import { writeFileSync } from 'node:fs'
import { dashboardJson } from './dashboard.js'

// Run after a change of the panels: npx tsx examples/grafana/write-dashboard.ts
writeFileSync(new URL('dashboard.json', import.meta.url), dashboardJson())
