// The lab in a daemon: its runs and what can be asked of it, with the fleet behind `fleet: NAME`.
// Built after the fleet and the store, stopped before them.
#pragma once

#include "fleet/registry.hpp"
#include "lab/operations.hpp"

namespace telltale::app {

class TestLab {
 public:
  TestLab(runtime::Runtime& runtime, store::Store& store, runtime::EventSink& events,
          const fleet::Registry& fleet, net::OutboundPolicy outbound,
          std::vector<std::string> hidden);
  TestLab(const TestLab&) = delete;
  TestLab& operator=(const TestLab&) = delete;

  void declare(runtime::OperationRegistry& registry);
  runtime::TaskResult<bool> forget_old() { return runs_.forget_old(); }
  runtime::Task<> stop() { return runs_.stop(); }

 private:
  lab::TestRuns runs_;
  lab::Desk desk_;
};

}  // namespace telltale::app
