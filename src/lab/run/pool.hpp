// The servers of one combination of a suite, started when first asked for and closed at the end. A
// case that asks while another's asking starts it waits for the same start; one that has died is
// started anew for the next who asks. Home loop only; close() before destruction.
#pragma once

#include <map>

#include "lab/run/instance.hpp"
#include "lab/run/programs.hpp"
#include "lab/run/target.hpp"
#include "lab/suite/suite.hpp"
#include "runtime/sync.hpp"
#include "runtime/task_group.hpp"

namespace telltale::lab::run {

class Pool {
 public:
  struct Settings {
    TargetSources sources = {};
    mcp::ClientSettings client = {};
  };
  using Change = std::function<void(mcp::ClientSettings&)>;
  using Got = base::Result<std::shared_ptr<Instance>>;

  Pool(runtime::Loop& loop, const suite::Suite& suite, suite::Variables variables,
       Settings settings);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // The programs the suite starts itself; before anything else is asked for.
  static runtime::TaskResult<bool> open(Pool* self);
  // "" where there is one server only.
  base::Result<mcp::Target> target(std::string_view name) const;
  // Recorded from the first byte on by who starts it.
  static runtime::Task<Got> get(Pool* self, std::string name, std::shared_ptr<Recorder> recorder);
  // One of the caller's own, kept in `mine` from before it is started: the caller closes them.
  // Those of them that have ended are closed first, so that a case which kills many keeps one.
  static runtime::Task<Got> start(Pool* self, std::string name, Change change,
                                  std::vector<std::shared_ptr<Instance>>* mine,
                                  std::shared_ptr<Recorder> recorder);
  static runtime::Task<> close_ended(std::vector<std::shared_ptr<Instance>>* mine);
  void forget(const std::shared_ptr<Recorder>& recorder);
  static runtime::Task<> close(Pool* self);

  std::vector<std::shared_ptr<Instance>> running() const;
  // What the servers said of themselves, by name; also of those that have ended.
  const base::JsonObject& descriptions() const noexcept { return descriptions_; }

 private:
  struct Shared {
    std::shared_ptr<Instance> instance;
    runtime::OneShot<base::Result<bool>> connected;
  };
  static runtime::Task<> connect(Pool* self, std::shared_ptr<Instance> instance,
                                 runtime::OneShot<base::Result<bool>> connected);
  base::Result<std::shared_ptr<Instance>> make(const std::string& name, const Change& change);
  base::Result<std::string> resolve(std::string_view name) const;

  runtime::Loop& loop_;
  const suite::Suite& suite_;
  suite::Variables variables_;
  Settings settings_;
  Programs programs_;
  std::map<std::string, Shared> shared_;
  std::vector<std::shared_ptr<Instance>> ended_;  // died, to be closed with the rest
  base::JsonObject descriptions_;
  runtime::TaskGroup tasks_;
};

}  // namespace telltale::lab::run
