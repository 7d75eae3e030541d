import { Controller, UseFilters, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import type { CanActivate, Type } from '@nestjs/common';
import { MajorityRedisExceptionFilter } from '../nest/majority-redis-exception.filter.js';
import { ActionsController } from './actions.controller.js';
import { ActionsGuard } from './actions.guard.js';
import { PageController } from './page.controller.js';
import { ViewsController } from './views.controller.js';

/**
 * The controllers of one dashboard. Classes of their own, as path and guard are metadata of a class: two dashboards in
 * one process, or in one application, do not meet.
 */
export function createControllers(path: string, guard: Type<CanActivate> | CanActivate | undefined): Type[] {
  class DashboardPage extends PageController {}
  class DashboardViews extends ViewsController {}
  class DashboardActions extends ActionsController {}
  const guards = guard === undefined ? [] : [guard];
  const serve = (controller: Type, ...more: readonly Type<CanActivate>[]): Type => {
    Controller({ path, version: VERSION_NEUTRAL })(controller);
    UseFilters(MajorityRedisExceptionFilter)(controller);
    UseGuards(...guards, ...more)(controller);
    return controller;
  };
  return [serve(DashboardPage), serve(DashboardViews), serve(DashboardActions, ActionsGuard)];
}
