// What a definition says about its process's sandbox and limits (docs/sandbox.md), and the process
// that follows from a definition. Any thread.
#pragma once

#include <span>
#include <string>

#include "fleet/definition.hpp"

namespace telltale::fleet {

struct SandboxKeys {
  std::string sandbox = "none";
  bool sandbox_required = true;
  std::optional<bool> sandbox_network;
  std::vector<std::string> sandbox_read, sandbox_write;
  double memory_limit_mb = 0, cpu_limit_s = 0;
  int process_limit = 0, open_files_limit = 0, nice = 0;
};

// An Error with the pointer of what is wrong; `server` points to the definition.
base::Result<void> read_sandbox(Definition& out, SandboxKeys keys, const std::string& server);

// A server that is defined from outside and starts a program gets the sandbox "standard" where the
// machine has it, unless its definition says otherwise.
base::JsonObject with_default_sandbox(base::JsonObject source);

// `hidden` are paths no sandboxed child sees, whatever its definition says.
net::ProcessSpec process_of(const Definition& definition, std::span<const std::string> hidden);

// {requested, achieved, detail} of docs/api.md; achieved is null where it cannot be had.
base::Json sandbox_record(const Definition& definition);

}  // namespace telltale::fleet
