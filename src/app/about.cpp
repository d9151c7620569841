#include "app/about.hpp"

#include <thread>

#include <boost/version.hpp>
#include <sys/utsname.h>

#include "runtime/run.hpp"

namespace telltale::app {
namespace {

runtime::TaskResult<base::JsonObject> about(store::Store* store, std::string version) {
  auto sqlite = co_await store->read([](store::Connection& db) -> base::Result<std::string> {
    std::string out;
    auto read =
        db.query("SELECT sqlite_version()", {}, [&](const store::Row& row) { out = row.text(0); });
    if (!read) return std::unexpected(read.error());
    return out;
  });
  if (!sqlite) co_return std::unexpected(sqlite.error());
  utsname machine{};
  ::uname(&machine);
  std::string boost = BOOST_LIB_VERSION;
  for (char& c : boost)
    if (c == '_') c = '.';
  co_return base::JsonObject{{"version", version},
                             {"build", TELLTALE_BUILD},
                             {"compiler", "clang " __clang_version__},
                             {"standard_library", "libstdc++ " + std::to_string(__GLIBCXX__)},
                             {"boost", boost},
                             {"sqlite", *sqlite},
                             {"system", std::string(machine.sysname) + " " + machine.release},
                             {"architecture", machine.machine},
                             {"cores", std::thread::hardware_concurrency()}};
}

}  // namespace

void declare_about(runtime::OperationRegistry& registry, store::Store& store, std::string version) {
  registry.add(runtime::declare<runtime::Nothing, base::JsonObject>(
      {.name = "system.about",
       .help = "Version, compiler and machine",
       .permission = "system:read",
       .routes = {{"GET", "/api/system/about"}},
       .group = "System"},
      [kept = &store, version = std::move(version)](runtime::ContextPtr, runtime::Nothing) {
        return about(kept, version);
      }));
}

}  // namespace telltale::app
