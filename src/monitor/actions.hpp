// Actions: what the monitor may do to connections; the engine's side of it is EngineActions. Called
// on any loop, returns at once; what came of it is told to Monitor::done().
#pragma once

#include <memory>
#include <string>

#include "monitor/decision.hpp"
#include "rtc/engine.hpp"
#include "runtime/task_group.hpp"

namespace telltale::monitor {

class Actions {
 public:
  using Done = std::move_only_function<void(base::Result<void>)>;
  virtual ~Actions() = default;
  virtual void act(std::string id, Decided decided, Done done) = 0;
  virtual std::shared_ptr<rtc::Source> source_of(const std::string& id) = 0;
};

// On an engine, by tasks of its own on `loop`. stop() before it goes.
class EngineActions final : public Actions {
 public:
  EngineActions(rtc::Engine& engine, runtime::Loop& loop);
  void act(std::string id, Decided decided, Done done) override;
  std::shared_ptr<rtc::Source> source_of(const std::string& id) override {
    return engine_.source_of(id);
  }
  runtime::Task<> stop();  // on any loop

 private:
  static runtime::Task<> run(rtc::Engine* engine, std::string id, Decided decided, Done done);

  rtc::Engine& engine_;
  runtime::TaskGroup tasks_;
};

}  // namespace telltale::monitor
