// A kind of case: functional, load, fuzz, … Each is one object that says what keys it takes (the
// case's member of its own name), checks them, and runs a case. Kinds know nothing of each other:
// lab/standard_kinds.cpp is the one place that lists them. A kind has no state between cases; what
// a case may use comes in its CaseContext, which lives as long as the case and on its loop only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "lab/run/result.hpp"
#include "lab/suite/suite.hpp"
#include "mcp/client.hpp"
#include "runtime/task.hpp"

namespace telltale::lab::run {

class Instance;  // a server that runs and is connected (instance.hpp)

// What a kind hands back of one attempt; exchanges and the server's log are added by the runner.
struct Outcome {
  Status status = Status::passed;
  std::string message = {};
  std::vector<Mismatch> mismatches = {};
  std::vector<Finding> findings = {};
  std::optional<Latency> latency = {};
  base::JsonObject figures = {};
  std::vector<std::string> golden_updated = {};

  static Outcome error(std::string message) {
    return {.status = Status::error, .message = std::move(message)};
  }
  static Outcome failed(std::string message) {
    return {.status = Status::failed, .message = std::move(message)};
  }
};

class CaseContext {
 public:
  CaseContext() = default;
  CaseContext(const CaseContext&) = delete;
  CaseContext& operator=(const CaseContext&) = delete;
  virtual ~CaseContext() = default;

  virtual const suite::CaseSpec& spec() const = 0;
  // The case's member of the kind's name, variables filled in; null when it was left out.
  virtual const base::Json& options() const = 0;
  virtual std::map<std::string, base::Json>& variables() = 0;  // a copy of its own
  // W3C traceparent for what it sends: by it the frames of this attempt are told from others.
  virtual std::string trace_parent() const = 0;
  virtual const std::string& folder() const = 0;  // of the suite file; "" when it has none
  virtual bool update_golden() const = 0;
  virtual int attempt() const = 0;  // from 1
  // Seeded by run, case and attempt: the same seed runs the same.
  virtual base::Random& random() = 0;

  // A server of the suite, running and connected, as the suite's isolation wants it; "" is the
  // case's. What it sends and writes is recorded for the case.
  virtual runtime::TaskResult<std::shared_ptr<Instance>> server(std::string name) = 0;
  // One that is the case's alone, whatever the isolation; ended with the case. `change` may alter
  // its client's settings before (faults in between).
  using Change = std::function<void(mcp::ClientSettings&)>;
  virtual runtime::TaskResult<std::shared_ptr<Instance>> own_server(std::string name,
                                                                    Change change) = 0;
  // How to reach it, for kinds that speak to it themselves.
  virtual base::Result<mcp::Target> target(std::string name) const = 0;

  // Live: shown while the case runs; bounded to a few a second by the runner.
  virtual void progress(double done, double total, std::string message) = 0;
};

class Kind {
 public:
  Kind() = default;
  Kind(const Kind&) = delete;
  Kind& operator=(const Kind&) = delete;
  virtual ~Kind() = default;

  virtual suite::KindSpec spec() const = 0;
  // What a case with these options takes at least: its time limit is no shorter, unless it names
  // one.
  virtual base::Duration needs(const base::Json& /*options*/) const { return {}; }
  // Runs one attempt. Cancellation ends it at any await: clean up in destructors.
  virtual runtime::Task<Outcome> run(CaseContext* context) const = 0;
};

class Kinds {
 public:
  void add(std::unique_ptr<Kind> kind);
  const Kind* find(std::string_view name) const;
  const suite::KindTable& table() const noexcept { return table_; }

 private:
  std::map<std::string, std::unique_ptr<Kind>, std::less<>> kinds_;
  suite::KindTable table_;
};

}  // namespace telltale::lab::run
