import { Body, Controller, Get, Inject, Post } from '@nestjs/common'
import { InjectRepository } from '@nestjs/typeorm'
import pg from 'pg'
import { Repository } from 'typeorm'
import { Order } from './order.entity'
import { REPORTS } from './reports'

@Controller('orders')
export class OrdersController {
  constructor(
    @InjectRepository(Order) private readonly orders: Repository<Order>,
    @Inject(REPORTS) private readonly reports: pg.Pool,
  ) {}

  @Post()
  place(@Body('item') item: string): Promise<Order> {
    return this.orders.save({ item })
  }

  @Get('report')
  async report(): Promise<{ orders: number }> {
    const { rows } = await this.reports.query('SELECT count(*)::int AS orders FROM orders')
    return rows[0]
  }
}
