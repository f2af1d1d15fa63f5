import { Module } from '@nestjs/common'
import { TerminusModule } from '@nestjs/terminus'
import { TypeOrmModule } from '@nestjs/typeorm'
import { SecretCache } from 'awscurrent'
import { AwscurrentModule } from 'awscurrent/nest'
import { followingDriver } from './following-driver'
import { HealthController } from './health.controller'
import { KeyController } from './key.controller'
import { Order } from './order.entity'
import { OrdersController } from './orders.controller'
import { reportsPool } from './reports'
import { SecretsHealth } from './secrets.health'

@Module({
  imports: [
    // Before TypeORM: Nest ends global modules in the reverse of their order here, so TypeORM's pool ends before the cache.
    AwscurrentModule.forRootAsync({
      useFactory: () => ({ ttlMs: Number(process.env.SECRETS_TTL_MS ?? 300_000), secrets: ['prod/db'] }),
    }),
    TypeOrmModule.forRootAsync({
      inject: [SecretCache],
      useFactory: (secrets: SecretCache) => ({
        type: 'postgres',
        driver: followingDriver(secrets, 'prod/db'),
        poolSize: 10,
        autoLoadEntities: true,
      }),
    }),
    TypeOrmModule.forFeature([Order]),
    TerminusModule,
  ],
  controllers: [KeyController, OrdersController, HealthController],
  providers: [SecretsHealth, reportsPool],
})
export class AppModule {}
