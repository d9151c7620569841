// traces.list and traces.get: what operations with one trace id did when. A caller that sends a W3C
// `traceparent` with several requests finds them as one trace; each MCP server gets the id in
// `_meta.traceparent`.
#pragma once

#include "catalog/dispatcher.hpp"

namespace telltale::catalog {

void declare_traces(Catalog& catalog, Dispatcher& dispatcher, store::Store& store);

}  // namespace telltale::catalog
