// The steps of a case, done in turn: variables filled in, the server asked, the answer judged, what
// is to be saved saved. What the functional kind is, and what others do in between. Home loop of
// the context.
#pragma once

#include "lab/run/expectations.hpp"
#include "lab/run/latency.hpp"

namespace telltale::lab::run {

// Fills in every ${…} of a step.
base::Result<suite::StepSpec> expand_step(const suite::StepSpec& step,
                                          const suite::Variables& variables);

// One request. An error is what gave no answer: a dead process, a timeout, a broken message.
runtime::TaskResult<Answer> ask(Instance* instance, suite::StepSpec step, std::string trace_parent);

// A call's outcome as such an answer.
base::Result<Answer> answer_of(base::Result<mcp::ToolCallResult> outcome);

// The values of `save` (variables by JSON path into the result).
base::Result<void> save_values(const std::map<std::string, std::string>& save, const Answer& answer,
                               suite::Variables& variables);

// False once a step failed: `out` says which and why.
runtime::Task<bool> run_steps(CaseContext* context, std::vector<suite::StepSpec> steps,
                              LatencyHistogram* latency, Outcome* out);

}  // namespace telltale::lab::run
