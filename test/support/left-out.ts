/** Says, after the tests that need nothing to be installed, which ones that leaves out. */
export function teardown(): void {
  process.stdout.write(
    'Left out: PostgreSQL with LDAP, MariaDB, MySQL, PgBouncer and Redis (npm run test:databases), moto (npm run test:moto), Prometheus (npm run test:prometheus), test:site, test:fuzz, test:runtimes, test:frameworks, test:chaos and test:soak.\n',
  )
}
