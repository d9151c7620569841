#include "lab/run/functional_kind.hpp"

#include "lab/run/steps.hpp"

namespace telltale::lab::run {
namespace {

class Functional final : public Kind {
 public:
  suite::KindSpec spec() const override {
    return {.name = "functional", .help = "steps that call, read and ask, and expect"};
  }
  runtime::Task<Outcome> run(CaseContext* context) const override {
    Outcome out;
    LatencyHistogram latency;
    co_await run_steps(context, context->spec().steps, &latency, &out);
    if (latency.count() > 0) out.latency = latency.summary();
    co_return out;
  }
};

}  // namespace

std::unique_ptr<Kind> functional_kind() {
  return std::make_unique<Functional>();
}

}  // namespace telltale::lab::run
