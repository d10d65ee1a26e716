/** The OpenAPI 3.1 document, out of the same table that the server registers. */

import type { Route } from './routes.ts';

export function openApiOf(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    for (const path of [route.path, ...(route.aliases ?? [])]) {
      const key = path.replace(/:(\w+)/g, '{$1}');
      paths[key] = { ...paths[key], [route.method.toLowerCase()]: operationOf(route, path !== route.path) };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Moose Facts', version, description: 'True facts about moose, each with its source.' },
    paths,
  };
}

function operationOf(route: Route, alias: boolean): object {
  const parameters = [...parametersOf('path', route.params), ...parametersOf('query', route.query)];
  const responses = Object.entries(route.responses).map(([status, schema]) => [
    status,
    { description: Number(status) < 400 ? 'Done' : 'Refused', content: { 'application/json': { schema } } },
  ]);
  return {
    summary: alias ? `${route.summary} (the same as ${route.path})` : route.summary,
    ...(alias ? { deprecated: true } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }),
    responses: Object.fromEntries(responses),
  };
}

function parametersOf(where: 'path' | 'query', schema: object | undefined): object[] {
  const { properties = {}, required = [] } = (schema ?? {}) as { properties?: Record<string, object>; required?: string[] };
  return Object.entries(properties).map(([name, part]) => ({ name, in: where, required: required.includes(name), schema: part }));
}
