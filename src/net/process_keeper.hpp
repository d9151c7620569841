// Our side of the keeper (process_keeper/keeper.cpp): its program, embedded in the binary and run
// from memory, its command line, and the socket to it. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/process.hpp"
#include "net/process_keeper/protocol.hpp"

namespace telltale::net {

// A descriptor of the keeper's program, open for ever.
base::Result<int> keeper_program();
// The keeper's whole argv for this child; `path` is the program that it runs.
std::vector<std::string> keeper_arguments(const ProcessSpec& spec, const std::string& path,
                                          const SandboxPlan& plan);

// Never blocks. A keeper that is gone needs no word any more.
void tell_keeper(int control, keeper::Word word, int value) noexcept;
// Nothing: no word now; the keeper's end of the socket shows at its pidfd.
std::optional<keeper::Message> hear_keeper(int control) noexcept;

}  // namespace telltale::net
