#include "fleet/definition_sandbox.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace telltale::fleet {
namespace {

// bubblewrap takes paths as they are: a relative one would mean another folder at each start.
base::Result<void> check_paths(const std::vector<std::string>& paths, const std::string& pointer) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::filesystem::path path(paths[i]);
    if (!path.is_absolute() || path.lexically_normal() != path || paths[i] == "/")
      return base::bad_field(pointer + "/" + std::to_string(i),
                             "must be an absolute path without . or .., and not /");
  }
  return {};
}

// What the dynamic linker and libc take from the environment would be taken by bubblewrap too,
// which is outside of the sandbox that it makes.
bool steers_libc(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames{
      "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH", "MALLOC_TRACE", "NLSPATH", "RESOLV_HOST_CONF"};
  return name.starts_with("LD_") || std::ranges::find(kNames, name) != kNames.end();
}

base::Result<void> check_variables(const Definition& definition, const std::string& server) {
  for (const auto& [name, value] : definition.environment)
    if (steers_libc(name))
      return base::bad_field(server + "/env" + base::pointer_step(name),
                             "steers the sandbox's own program too; not together with a sandbox");
  return {};
}

}  // namespace

base::Result<void> read_sandbox(Definition& out, SandboxKeys keys, const std::string& server) {
  const auto pointer = server + "/telltale";
  const auto level = net::parse_sandbox_level(keys.sandbox);
  if (!level) return base::bad_field(pointer + "/sandbox", "must be none, standard or strict");
  if (*level != net::SandboxLevel::none && out.command.empty())
    return base::bad_field(pointer + "/sandbox", "is for servers with a command");
  if (*level != net::SandboxLevel::none)
    if (auto fine = check_variables(out, server); !fine) return fine;
  if (auto fine = check_paths(keys.sandbox_read, pointer + "/sandbox_read"); !fine) return fine;
  if (auto fine = check_paths(keys.sandbox_write, pointer + "/sandbox_write"); !fine) return fine;
  constexpr double kMegabyte = 1 << 20;
  out.sandbox = {.level = *level,
                 .required = keys.sandbox_required,
                 .network = keys.sandbox_network,
                 .read = std::move(keys.sandbox_read),
                 .write = std::move(keys.sandbox_write)};
  out.limits = {.memory_bytes = static_cast<std::uint64_t>(keys.memory_limit_mb * kMegabyte),
                .cpu_seconds = static_cast<std::uint64_t>(keys.cpu_limit_s),
                .processes = static_cast<std::uint64_t>(keys.process_limit),
                .open_files = static_cast<std::uint64_t>(keys.open_files_limit),
                .nice = keys.nice};
  return {};
}

base::JsonObject with_default_sandbox(base::JsonObject source) {
  if (base::string_or(source, "command").empty()) return source;
  auto& own = source["telltale"];
  if (own.is_null()) own.emplace_object();
  if (!own.is_object() || own.get_object().contains("sandbox")) return source;
  own.get_object()["sandbox"] = "standard";
  own.get_object()["sandbox_required"] = false;
  return source;
}

net::ProcessSpec process_of(const Definition& definition, std::span<const std::string> hidden) {
  // The one place where the values of `env` leave their wrapping: for the child they are meant for.
  std::map<std::string, std::string> own;
  for (const auto& [name, value] : definition.environment) own.emplace(name, value.reveal());
  net::ProcessSpec out{.command = definition.command,
                       .arguments = definition.arguments,
                       .environment = net::child_environment(own),
                       .directory = definition.directory,
                       .sandbox = definition.sandbox,
                       .limits = definition.limits};
  out.sandbox.hidden.assign(hidden.begin(), hidden.end());
  return out;
}

base::Json sandbox_record(const Definition& definition) {
  if (!definition.executes()) return nullptr;
  const auto found = net::sandbox_result(definition.sandbox, net::sandbox_support());
  const auto requested = net::sandbox_level_name(definition.sandbox.level);
  if (!found)
    return base::JsonObject{
        {"requested", requested}, {"achieved", nullptr}, {"detail", found.error().detail}};
  return base::JsonObject{{"requested", requested},
                          {"achieved", net::sandbox_level_name(found->achieved)},
                          {"detail", found->detail}};
}

}  // namespace telltale::fleet
