// Where the PPP interface goes once it is made: into another network namespace, into a VRF.

#ifndef L2TP_PLUGIN_PLACEMENT_H_
#define L2TP_PLUGIN_PLACEMENT_H_

// `name` as in `ip netns list`. 1 if it can be one, else 0, and what is wrong has been said.
int placement_set_namespace(const char* name);
int placement_set_vrf(const char* name);

// For option tables; empty: not given.
extern char placement_namespace[];
extern char placement_vrf[];

// Moves the interface, whose number is pppd's unit, to where it was said to go, and pppd after it.
// Ends pppd when that is not possible. Once, when the interface has just been made.
void placement_move_interface(void);

#endif  // L2TP_PLUGIN_PLACEMENT_H_
