// Pages of listings.

#ifndef L2TP_SERVER_CONTROL_PAGE_H_
#define L2TP_SERVER_CONTROL_PAGE_H_

#include "server/control/specs.h"

namespace l2tp::control {

// One page of an ordered map from names to anything; `view` makes the item to show of a value.
template <typename Item, typename Map, typename View>
Page<Item> MakePage(const Map& map, const PageRequest& request, const View& view) {
  Page<Item> page;
  for (auto it = map.upper_bound(request.after); it != map.end(); ++it) {
    if (static_cast<int>(page.items.size()) >= request.size) {
      page.more = true;
      break;
    }
    page.items.push_back(view(it->second));
  }
  return page;
}

}  // namespace l2tp::control

#endif  // L2TP_SERVER_CONTROL_PAGE_H_
