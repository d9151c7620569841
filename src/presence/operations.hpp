// The operations of presence, chat and annotations. They leave no record for others to read: what
// was asked is in the audit alone, and told only to those it is for.
#pragma once

#include "presence/annotations.hpp"
#include "presence/chat.hpp"

namespace telltale::presence {

void declare_operations(runtime::OperationRegistry& registry, Engine& engine, Chat& chat,
                        Annotations& annotations);

}  // namespace telltale::presence
