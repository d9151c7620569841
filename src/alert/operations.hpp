// What can be asked of alerts: alerts.* (docs/alerts.md).
#pragma once

#include "alert/engine.hpp"
#include "runtime/operation.hpp"

namespace telltale::alert {

void declare_operations(runtime::OperationRegistry& registry, Engine& engine);
void declare_rule_operations(runtime::OperationRegistry& registry, Engine& engine);
void declare_channel_operations(runtime::OperationRegistry& registry, Engine& engine);

// A rule, a silence or a channel may tell of every server: whoever writes one must see all.
base::Result<void> check_sees_all(const runtime::Actor& actor);

template <class Input>
void add(runtime::OperationRegistry& registry, Engine& engine, runtime::OperationSpec spec,
         Engine::Answer (*body)(Engine*, runtime::ContextPtr, Input)) {
  spec.group = "Alerts";
  registry.add(runtime::declare<Input, base::JsonObject>(
      std::move(spec), [engine = &engine, body](runtime::ContextPtr context, Input input) {
        return body(engine, std::move(context), std::move(input));
      }));
}

}  // namespace telltale::alert
