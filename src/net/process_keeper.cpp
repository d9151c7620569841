#include "net/process_keeper.hpp"

#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

// Symbols of net/process_keeper/embed.S.in. NOLINTBEGIN(readability-identifier-naming)
extern "C" const char telltale_keeper[];
extern "C" const char telltale_keeper_end[];
// NOLINTEND(readability-identifier-naming)

namespace telltale::net {
namespace {

base::Result<int> make_program() {
  const int low = ::memfd_create("keeper", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  const int fd = low < 0 ? low : ::fcntl(low, F_DUPFD_CLOEXEC, 16);  // above what a child is given
  if (low >= 0) ::close(low);
  if (fd < 0)
    return base::fail(base::Code::unavailable,
                      std::string("no memory for the keeper: ") + ::strerrordesc_np(errno));
  const auto size = static_cast<std::size_t>(telltale_keeper_end - telltale_keeper);
  for (std::size_t done = 0; done < size;) {
    const auto wrote = ::write(fd, telltale_keeper + done, size - done);
    if (wrote < 0) {
      ::close(fd);
      return base::fail(base::Code::unavailable,
                        std::string("no memory for the keeper: ") + ::strerrordesc_np(errno));
    }
    done += static_cast<std::size_t>(wrote);
  }
  // No child may change what all of them run under.
  ::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
  return fd;
}

}  // namespace

base::Result<int> keeper_program() {
  static const base::Result<int> kProgram = make_program();
  return kProgram;
}

std::vector<std::string> keeper_arguments(const ProcessSpec& spec, const std::string& path,
                                          const SandboxPlan& plan) {
  std::vector<std::string> out{"keeper"};
  const auto append = [&out](const auto& items) {
    out.insert(out.end(), items.begin(), items.end());
  };
  if (!plan.wrapper.empty()) {  // it runs the sandbox's program, and that runs it again inside
    out.insert(out.end(), {"--wrapped", "--", plan.wrapper.front()});
    append(plan.wrapper);
    out.insert(out.end(), {"--", "/proc/self/fd/" + std::to_string(keeper::kSelf), "--inside"});
  }
  append(plan.options);
  out.insert(out.end(), {"--", path, spec.command});
  append(spec.arguments);
  return out;
}

void tell_keeper(int control, keeper::Word word, int value) noexcept {
  const keeper::Message message{.word = word, .value = value, .text = {}};
  [[maybe_unused]] const auto sent =
      ::send(control, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::optional<keeper::Message> hear_keeper(int control) noexcept {
  keeper::Message message{};
  if (::recv(control, &message, sizeof message, MSG_DONTWAIT) != sizeof message)
    return std::nullopt;
  message.text[sizeof message.text - 1] = 0;
  return message;
}

}  // namespace telltale::net
