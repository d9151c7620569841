#include "net/process_sandbox.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <sys/resource.h>

#include "net/process.hpp"

namespace telltale::net {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStrictHome = "/tmp/home";
constexpr std::string_view kStrictPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin";

// Below the home folder: what opens other doors.
constexpr std::array kSecretsOfHome{".ssh",
                                    ".gnupg",
                                    ".aws",
                                    ".azure",
                                    ".kube",
                                    ".docker",
                                    ".password-store",
                                    ".config/gcloud",
                                    ".config/gh",
                                    ".config/google-chrome",
                                    ".config/chromium",
                                    ".mozilla",
                                    ".local/share/keyrings",
                                    ".local/state/telltale",
                                    ".netrc",
                                    ".git-credentials",
                                    ".pgpass",
                                    ".bash_history"};
constexpr std::array kSystemOfStrict{"/usr",
                                     "/bin",
                                     "/sbin",
                                     "/lib",
                                     "/lib32",
                                     "/lib64",
                                     "/libx32",
                                     "/etc/alternatives",
                                     "/etc/ca-certificates",
                                     "/etc/group",
                                     "/etc/ld.so.cache",
                                     "/etc/localtime",
                                     "/etc/mime.types",
                                     "/etc/nsswitch.conf",
                                     "/etc/passwd",
                                     "/etc/ssl",
                                     "/etc/timezone"};
constexpr std::array kNetworkOfStrict{"/etc/hosts",     "/etc/resolv.conf", "/etc/services",
                                      "/etc/protocols", "/etc/gai.conf",    "/etc/host.conf"};

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}
bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::string home_of(const ProcessSpec& spec) {
  const auto found = spec.environment.find("HOME");
  return found == spec.environment.end() || found->second.empty() ? "/" : found->second;
}

// The bubblewrap command line, in its own words.
class Wrapper {
 public:
  explicit Wrapper(const std::string& program) : out_{program} {}
  template <class... Words>
  void add(const Words&... words) {
    (out_.emplace_back(words), ...);
  }
  void bind(const std::string& how, const std::string& path) { add(how, path, path); }
  void hide(const fs::path& path) {
    if (is_folder(path))
      add("--tmpfs", path.string());
    else if (is_there(path))
      add("--ro-bind", "/dev/null", path.string());
  }
  std::vector<std::string> take() { return std::move(out_); }

 private:
  std::vector<std::string> out_;
};

void add_common(Wrapper& wrapper) {
  // --as-pid-1 is not used: bubblewrap's own init reaps, and the end of it ends the namespace.
  wrapper.add("--die-with-parent", "--unshare-user", "--unshare-pid", "--unshare-ipc",
              "--unshare-uts", "--unshare-cgroup-try", "--cap-drop", "ALL");
}

// The machine as it is, read-only but for the home folder, /tmp and the working folder; without the
// sockets of /run and the secrets of the home folder.
void add_standard(Wrapper& wrapper, const ProcessSpec& spec) {
  wrapper.bind("--ro-bind", "/");
  wrapper.add("--dev", "/dev", "--proc", "/proc", "--tmpfs", "/run");
  for (const char* const resolver : {"/run/systemd/resolve", "/run/NetworkManager/resolv.conf"})
    wrapper.add("--ro-bind-try", resolver, resolver);
  const auto home = home_of(spec);
  for (const auto& path : {home, std::string("/tmp"), std::string("/var/tmp"), spec.directory})
    if (!path.empty() && path != "/" && is_there(path)) wrapper.bind("--bind", path);
  for (const char* const secret : kSecretsOfHome) wrapper.hide(fs::path(home) / secret);
}

// The package that a script belongs to: the folder that holds the outermost node_modules above it,
// else the nearest package, else its own folder.
fs::path package_of(const fs::path& script) {
  auto folder = script.parent_path();
  fs::path modules;
  for (auto at = folder; at != at.root_path(); at = at.parent_path())
    if (at.filename() == "node_modules") modules = at;
  if (!modules.empty()) return modules;
  for (auto at = folder; at != at.root_path(); at = at.parent_path())
    if (is_there(at / "package.json") || is_there(at / "pyproject.toml")) return at;
  return folder;
}

bool is_script(const fs::path& path) {
  constexpr std::array kSuffixes{".js", ".mjs", ".cjs", ".ts", ".mts", ".py",  ".pyz",
                                 ".rb", ".pl",  ".php", ".sh", ".jar", ".lua", ".wasm"};
  return std::ranges::find(kSuffixes, path.extension()) != kSuffixes.end();
}

// Nothing but the system's programs and the server's own; nothing of it writable but a /tmp of its
// own.
void add_strict(Wrapper& wrapper, const ProcessSpec& spec, const std::string& path, bool network) {
  wrapper.add("--disable-userns", "--hostname", "sandbox", "--size", "268435456", "--tmpfs", "/tmp",
              "--dir", std::string(kStrictHome), "--dev", "/dev", "--proc", "/proc");
  const auto show = [&](const std::string& one) {
    std::error_code ignored;
    if (fs::is_symlink(one, ignored) && is_folder(one))
      wrapper.add("--symlink", fs::read_symlink(one, ignored).string(), one);
    else if (is_there(one))
      wrapper.bind("--ro-bind", one);
  };
  for (const char* const one : kSystemOfStrict) show(one);
  if (network)
    for (const char* const one : kNetworkOfStrict) show(one);
  std::set<std::string> own;
  const auto home = fs::path(home_of(spec));
  const auto add_program = [&](const fs::path& script) {
    if (!script.is_absolute() || !is_there(script) || is_folder(script)) return;
    const auto package = package_of(script);
    // A script that lies openly in the home folder, /tmp or / does not open all of that.
    const bool open = package == home || package == "/" || package == "/tmp" || package == "/etc";
    own.insert(open ? script.string() : package.string());
  };
  add_program(path);
  // What an interpreter runs is the server's own; other files that are named, as data or as a way
  // out, are shown only by the definition's word.
  const auto script = std::ranges::find_if_not(
      spec.arguments, [](const auto& argument) { return argument.starts_with('-'); });
  if (script != spec.arguments.end() && is_script(*script)) add_program(*script);
  if (!spec.directory.empty() && fs::path(spec.directory) != "/") own.insert(spec.directory);
  for (const auto& one : own)
    if (!one.starts_with("/usr/")) wrapper.bind("--ro-bind", one);
}

void add_limits(std::vector<std::string>& out, const ProcessSpec& spec) {
  const auto& limits = spec.limits;
  const auto limit = [&out](int resource, std::uint64_t value) {
    if (value > 0)
      out.push_back("--limit=" + std::to_string(resource) + ":" + std::to_string(value));
  };
  limit(RLIMIT_AS, limits.memory_bytes);
  limit(RLIMIT_CPU, limits.cpu_seconds);
  limit(RLIMIT_NPROC, limits.processes);
  limit(RLIMIT_NOFILE, limits.open_files);
  if (spec.sandbox.level != SandboxLevel::none)
    out.push_back("--limit=" + std::to_string(RLIMIT_CORE) + ":0");
  if (limits.nice != 0) out.push_back("--nice=" + std::to_string(limits.nice));
}

void add_landlock(std::vector<std::string>& out, const SandboxSpec& spec, int abi, bool network) {
  out.push_back("--landlock=" + std::to_string(abi));
  if (!network) out.emplace_back("--no-network");
  for (const auto& one : spec.write) out.push_back("--writable=" + one);
  for (const char* const one : {"/tmp", "/dev"}) out.push_back(std::string("--writable=") + one);
}

// What merely came from our own environment goes; what the definition says stays.
void narrow(std::map<std::string, std::string>& environment) {
  std::erase_if(environment, [](const auto& item) {
    const auto& [name, value] = item;
    if (name == "LANG" || name == "LANGUAGE" || name == "TZ" || name == "TERM" ||
        name.starts_with("LC_"))
      return false;
    const char* const ours = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    return ours != nullptr && value == ours;
  });
  environment.emplace("PATH", kStrictPath);
  environment.emplace("HOME", kStrictHome);
  environment.emplace("TMPDIR", "/tmp");
}

}  // namespace

std::string_view sandbox_level_name(SandboxLevel level) {
  switch (level) {
    case SandboxLevel::standard:
      return "standard";
    case SandboxLevel::strict:
      return "strict";
    case SandboxLevel::none:
      break;
  }
  return "none";
}

std::optional<SandboxLevel> parse_sandbox_level(std::string_view name) {
  for (const auto level : {SandboxLevel::none, SandboxLevel::standard, SandboxLevel::strict})
    if (name == sandbox_level_name(level)) return level;
  return std::nullopt;
}

base::Result<SandboxResult> sandbox_result(const SandboxSpec& spec, const SandboxSupport& support) {
  SandboxResult out{.requested = spec.level, .achieved = spec.level, .detail = {}};
  if (spec.level == SandboxLevel::none) {
    out.detail = "not sandboxed";
    return out;
  }
  std::string missing;
  const auto lacks = [&](std::string_view what, SandboxLevel left) {
    out.achieved = std::min(out.achieved, left);
    missing.append(missing.empty() ? "" : "; ").append(what);
  };
  if (support.bubblewrap.empty()) lacks(support.why_not, SandboxLevel::none);
  if (!support.seccomp) lacks("this kernel has no seccomp filters", SandboxLevel::none);
  if (spec.level == SandboxLevel::strict && support.landlock == 0)
    lacks("this kernel has no Landlock", SandboxLevel::standard);
  if (!missing.empty() && spec.required)
    return base::fail(base::Code::invalid_argument,
                      "sandbox " + std::string(sandbox_level_name(spec.level)) +
                          " cannot be had here: " + missing +
                          " (telltale.sandbox_required: false starts it with less)");
  if (!support.bubblewrap.empty()) out.detail = "bubblewrap";
  if (support.seccomp && !support.bubblewrap.empty()) out.detail += ", seccomp";
  if (spec.level == SandboxLevel::strict && support.landlock > 0 && !support.bubblewrap.empty())
    out.detail += ", Landlock ABI " + std::to_string(support.landlock);
  const bool network = spec.network.value_or(spec.level == SandboxLevel::standard);
  if (!support.bubblewrap.empty()) out.detail += network ? ", network" : ", no network";
  if (!missing.empty()) out.detail += (out.detail.empty() ? "missing: " : "; missing: ") + missing;
  return out;
}

base::Result<SandboxPlan> plan_sandbox(const ProcessSpec& spec, const std::string& path) {
  SandboxPlan out;
  out.environment = spec.environment;
  add_limits(out.options, spec);
  if (!spec.directory.empty()) out.options.push_back("--directory=" + spec.directory);
  const auto& sandbox = spec.sandbox;
  if (sandbox.level == SandboxLevel::none) {
    out.result.detail = "not sandboxed";
    return out;
  }
  const auto& support = sandbox_support();
  auto result = sandbox_result(sandbox, support);
  if (!result) return std::unexpected(result.error());
  out.result = std::move(*result);
  const bool strict = sandbox.level == SandboxLevel::strict;
  out.options.emplace_back("--no-new-privileges");
  if (support.seccomp) {
    const auto program = seccomp_program(sandbox.level);
    if (!program) return std::unexpected(program.error());
    out.seccomp_fd = *program;
    out.options.emplace_back("--seccomp");
  }
  if (support.bubblewrap.empty()) return out;  // with less, as was allowed

  const bool network = sandbox.network.value_or(!strict);
  Wrapper wrapper(support.bubblewrap);
  add_common(wrapper);
  if (!network) wrapper.add("--unshare-net");
  if (strict)
    add_strict(wrapper, spec, path, network);
  else
    add_standard(wrapper, spec);
  for (const auto& one : sandbox.read) wrapper.bind("--ro-bind", one);
  for (const auto& one : sandbox.write) wrapper.bind("--bind", one);
  for (const auto& one : sandbox.hidden) wrapper.hide(one);  // last: they win
  if (strict) {
    wrapper.add("--remount-ro", "/");
    narrow(out.environment);
    if (support.landlock > 0) add_landlock(out.options, sandbox, support.landlock, network);
  }
  out.wrapper = wrapper.take();
  return out;
}

}  // namespace telltale::net
