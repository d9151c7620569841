// Elicitation (client/elicitation of 2025-11-25 and 2026-07-28): what a person's answer becomes
// before the server sees it. Form mode: defaults of the requested schema fill what was left out
// (SEP-1034), then the answer is checked against it. URL mode: consent only, never content. No I/O.
#pragma once

#include "base/json.hpp"

namespace telltale::mcp {

enum class ElicitationMode { form, url };

// "form" when absent; an error for a mode we did not declare or a request that lacks what its mode
// needs.
base::Result<ElicitationMode> elicitation_mode(const base::JsonObject& params);

// Fills `content` with the defaults of properties that it lacks.
void apply_elicitation_defaults(const base::JsonObject& requested_schema,
                                base::JsonObject& content);

// `answer` is {action: accept|decline|cancel, content?} as the person gave it; what comes out may
// be sent.
base::Result<base::JsonObject> finish_elicitation(const base::JsonObject& params,
                                                  base::JsonObject answer);

}  // namespace telltale::mcp
