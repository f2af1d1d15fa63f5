import { fileURLToPath } from 'node:url'
import type { ViteUserConfig } from 'vitest/config'
import { entries } from '../.ci/entries.js'

const packageTests = 'test/package/**/*.test.ts'
const runtimesTests = 'test/runtimes/**/*.test.ts'
const frameworksTests = 'test/frameworks/**/*.test.ts'
const fuzzTests = 'test/fuzz/**/*.test.ts'
const motoTests = 'test/integration/moto/**/*.test.ts'
const prometheusTests = 'test/integration/prometheus/**/*.test.ts'
const siteTests = 'test/site/**/*.test.ts'
const demoTests = 'test/demo/**/*.test.ts'
const postgresTests = 'test/integration/postgres/**/*.test.ts'
const ldapTests = 'test/integration/postgres-ldap/**/*.test.ts'
const mysqlTests = 'test/integration/mysql/**/*.test.ts'
const mariadbOnlyTests = 'test/integration/mysql/mariadb-*.test.ts'
const mysqlOnlyTests = 'test/integration/mysql/mysql-*.test.ts'
const pgbouncerTests = 'test/integration/pgbouncer/**/*.test.ts'
const redisTests = 'test/integration/redis/**/*.test.ts'
const resp3Tests = 'test/integration/redis/resp3-*.test.ts' // which ioredis speaks since version 6

const config: ViteUserConfig = {
  resolve: {
    // As in tsconfig.json: examples import the package by its name and run on the source.
    alias: entries.map(({ specifier, source }) => ({
      find: new RegExp(`^${specifier}$`),
      replacement: fileURLToPath(new URL(`../${source}`, import.meta.url)),
    })),
  },
  test: {
    // Vitest leaves a core to itself, which is half of two; most of what these tests do is to wait for servers.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            packageTests,
            runtimesTests,
            frameworksTests,
            fuzzTests,
            motoTests,
            prometheusTests,
            siteTests,
            demoTests,
            postgresTests,
            ldapTests,
            mysqlTests,
            pgbouncerTests,
            redisTests,
            '**/node_modules/**',
          ],
        },
      },
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          // Errors elsewhere are those of `npm run check`, which compiles everything.
          typecheck: { enabled: true, only: true, include: ['test/types/**/*.test-d.ts'], ignoreSourceErrors: true },
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: [packageTests],
          globalSetup: 'test/package/setup.ts',
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'runtimes',
          include: [runtimesTests],
          globalSetup: 'test/package/setup.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each of them keeps all cores busy, and all compile in the same folder.
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'frameworks',
          include: [frameworksTests],
          globalSetup: 'test/frameworks/setup.ts',
          testTimeout: 120_000,
          // The first run downloads the frameworks.
          hookTimeout: 300_000,
          // A build keeps all cores busy.
          fileParallelism: false,
        },
      },
      {
        extends: true,
        // An input has a time limit of its own; how many there are is up to who runs it.
        test: { name: 'fuzz', include: [fuzzTests], testTimeout: 0 },
      },
      {
        extends: true,
        test: {
          name: 'moto',
          include: [motoTests],
          globalSetup: 'test/integration/moto/setup.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'prometheus', include: [prometheusTests], testTimeout: 300_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'site',
          include: [siteTests],
          globalSetup: 'test/site/setup.ts',
          testTimeout: 30_000,
          // Every page is opened before the first test.
          hookTimeout: 240_000,
        },
      },
      {
        extends: true,
        test: { name: 'demo', include: [demoTests], testTimeout: 120_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [postgresTests],
          globalSetup: 'test/support/left-out.ts',
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'postgres-ldap', include: [ldapTests], testTimeout: 120_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'mariadb',
          include: [mysqlTests],
          exclude: [mysqlOnlyTests, '**/node_modules/**'],
          provide: { mysqlServer: 'mariadb' },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'mysql',
          include: [mysqlTests],
          exclude: [mariadbOnlyTests, '**/node_modules/**'],
          provide: { mysqlServer: 'mysql' },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'pgbouncer', include: [pgbouncerTests], testTimeout: 120_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'redis',
          include: [redisTests],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        resolve: {
          alias: [
            { find: /^ioredis$/, replacement: 'ioredis-5' },
            { find: /^redis$/, replacement: 'redis-5' },
          ],
        },
        test: {
          name: 'redis-older',
          include: [redisTests],
          exclude: [resp3Tests, '**/node_modules/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
}

export default config
